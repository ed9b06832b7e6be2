'use strict';
// Compiles the fork, and of Aave what a market is made of, into one file: solc's own standard JSON output.
//
//   node compile.js [OUT]
//
// OUT is artifacts.json unless told otherwise. Aave's part is compiled once and kept beside the packages, so that
// compiling the fork anew takes seconds.

const fs = require('fs');
const path = require('path');
const solc = require('solc');

const AAVE = 'aave-v3-origin/contracts';
const KEPT = path.join(__dirname, 'node_modules/.cache/market.json');

// How sources name others, and where npm puts those.
const REMAPPINGS = [
  'aave-v3-origin/=node_modules/@aave-dao/aave-v3-origin/src/',
  'solidity-utils/=node_modules/@bgd-labs/solidity-utils/src/',
  'openzeppelin-contracts-upgradeable/contracts/=node_modules/@openzeppelin/contracts-upgradeable/',
  'openzeppelin-contracts/contracts/=node_modules/@openzeppelin/contracts/',
  '@openzeppelin/contracts/=node_modules/@openzeppelin/contracts/',
];

// File -> the contract wanted of it. What it imports is read, but no code is made of it.
const FORK = {
  'src/EarningsPool.sol': 'EarningsPool',
};

// The rest of the market, by its place in Aave's package.
const MARKET = [
  'protocol/configuration/PoolAddressesProvider',
  'protocol/configuration/ACLManager',
  'protocol/libraries/logic/BorrowLogic',
  'protocol/libraries/logic/ConfiguratorLogic',
  'protocol/libraries/logic/FlashLoanLogic',
  'protocol/libraries/logic/LiquidationLogic',
  'protocol/libraries/logic/PoolLogic',
  'protocol/libraries/logic/SupplyLogic',
  'instances/PoolConfiguratorInstance',
  'instances/ATokenInstance',
  'instances/VariableDebtTokenInstance',
  'misc/DefaultReserveInterestRateStrategyV2',
  'misc/AaveOracle',
  'misc/PriceOracleSentinel',
  'misc/aave-upgradeability/InitializableImmutableAdminUpgradeabilityProxy',
  'helpers/AaveProtocolDataProvider',
  'dependencies/weth/WETH9',
  'mocks/testnet-helpers/TestnetERC20',
  'mocks/oracle/CLAggregators/MockAggregator',
  'mocks/oracle/PriceOracle',
  'mocks/oracle/SequencerOracle',
  'mocks/upgradeability/MockAToken',
  'mocks/upgradeability/MockVariableDebtToken',
];
const OF_AAVE = Object.fromEntries(MARKET.map((place) => [`${AAVE}/${place}.sol`, path.basename(place)]));

const OUTPUTS = ['abi', 'metadata', 'storageLayout', 'evm.bytecode', 'evm.deployedBytecode']
  .flatMap((name) => (name.startsWith('evm.') ? [`${name}.object`, `${name}.linkReferences`] : [name]))
  .concat('evm.deployedBytecode.immutableReferences');

function actual(unit) {
  const rule = REMAPPINGS.map((line) => line.split('=')).find(([prefix]) => unit.startsWith(prefix));
  return rule === undefined ? unit : rule[1] + unit.slice(rule[0].length);
}

// Every source goes in by its URL, with a callback that reads it.
function standardInput(wanted) {
  const sources = {};
  const outputSelection = {};
  for (const [unit, name] of Object.entries(wanted)) {
    sources[actual(unit)] = { urls: [actual(unit)] };
    outputSelection[actual(unit)] = { [name]: OUTPUTS };
  }
  return {
    language: 'Solidity',
    sources,
    settings: {
      remappings: REMAPPINGS,
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'shanghai',
      metadata: { bytecodeHash: 'none' },
      outputSelection,
    },
  };
}

function read(unit) {
  try {
    return { contents: fs.readFileSync(path.join(__dirname, unit), 'utf8') };
  } catch (error) {
    return { error: error.message };
  }
}

function compile(wanted) {
  const output = JSON.parse(solc.compile(JSON.stringify(standardInput(wanted)), { import: read }));
  const errors = (output.errors || []).filter((entry) => entry.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map((entry) => entry.formattedMessage).join('\n'));
  return output.contracts;
}

function market() {
  if (!fs.existsSync(KEPT)) {
    fs.mkdirSync(path.dirname(KEPT), { recursive: true });
    fs.writeFileSync(KEPT, JSON.stringify(compile(OF_AAVE)));
  }
  return JSON.parse(fs.readFileSync(KEPT, 'utf8'));
}

function main(out = 'artifacts.json') {
  const contracts = { ...market(), ...compile(FORK) };
  fs.writeFileSync(out, JSON.stringify({ contracts }));
  const version = solc.version().replace(/[.]Emscripten.*/, '');
  console.log(`${out}: ${Object.keys(contracts).length} contracts, solc ${version}`);
}

main(...process.argv.slice(2));
