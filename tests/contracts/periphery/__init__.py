"""What stands around a market, beside the real contracts: rollup calls, views, gateways, rewards."""
