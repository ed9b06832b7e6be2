'use strict';
// Compiles the lending pool and what stands around it, and writes one JSON file of artifacts.
//
//   node compile.js SOURCES OUT [COMPILER [EVM_VERSION]]
//
// SOURCES is the folder that holds `contracts/`; the libraries it imports by name are looked up beside the compiler.
// COMPILER is the folder of the npm package `solc` (default: the one installed here).
// Every source goes in by URL with a read callback: the compiler keeps a string argument on its stack, and all sources
// in one string overflow it.

const fs = require('fs');
const path = require('path');

// Import prefix -> folder inside node_modules.
const PACKAGES = {
  'solidity-utils/': '@bgd-labs/solidity-utils/src/',
  'openzeppelin-contracts-upgradeable/contracts/': '@openzeppelin/contracts-upgradeable/',
  'openzeppelin-contracts/contracts/': '@openzeppelin/contracts/',
};

// Wanted contract -> its file below `contracts/`, and its name there if another has it too; a file a release does not
// have is left out.
const WANTED = {
  PoolAddressesProvider: 'protocol/configuration/PoolAddressesProvider.sol',
  ACLManager: 'protocol/configuration/ACLManager.sol',
  PoolInstance: 'instances/PoolInstance.sol',
  PoolConfiguratorInstance: 'instances/PoolConfiguratorInstance.sol',
  ATokenInstance: 'instances/ATokenInstance.sol',
  VariableDebtTokenInstance: 'instances/VariableDebtTokenInstance.sol',
  DefaultReserveInterestRateStrategyV2: 'misc/DefaultReserveInterestRateStrategyV2.sol',
  AaveOracle: 'misc/AaveOracle.sol',
  PriceOracleSentinel: 'misc/PriceOracleSentinel.sol',
  AaveProtocolDataProvider: 'helpers/AaveProtocolDataProvider.sol',
  TestnetERC20: 'mocks/testnet-helpers/TestnetERC20.sol',
  WETH9: 'dependencies/weth/WETH9.sol',
  MockAggregator: 'mocks/oracle/CLAggregators/MockAggregator.sol',
  PriceOracle: 'mocks/oracle/PriceOracle.sol',
  SequencerOracle: 'mocks/oracle/SequencerOracle.sol',
  // The two token implementations with a lower revision number: from them a token can be upgraded.
  MockAToken: 'mocks/upgradeability/MockAToken.sol',
  MockVariableDebtToken: 'mocks/upgradeability/MockVariableDebtToken.sol',
  // Another of that name: anybody may write its balances.
  SettableMockAToken: ['mocks/tokens/MockAToken.sol', 'MockAToken'],
  // Around the pool.
  L2PoolInstance: 'instances/L2PoolInstance.sol',
  L2Encoder: 'helpers/L2Encoder.sol',
  InitializableImmutableAdminUpgradeabilityProxy:
    'misc/aave-upgradeability/InitializableImmutableAdminUpgradeabilityProxy.sol',
  UiPoolDataProviderV3: 'helpers/UiPoolDataProviderV3.sol',
  UiIncentiveDataProviderV3: 'helpers/UiIncentiveDataProviderV3.sol',
  WalletBalanceProvider: 'helpers/WalletBalanceProvider.sol',
  LiquidationDataProvider: 'helpers/LiquidationDataProvider.sol',
  WrappedTokenGatewayV3: 'helpers/WrappedTokenGatewayV3.sol',
  RewardsController: 'rewards/RewardsController.sol',
  EmissionManager: 'rewards/EmissionManager.sol',
  PullRewardsTransferStrategy: 'rewards/transfer-strategies/PullRewardsTransferStrategy.sol',
  StakedTokenTransferStrategy: 'rewards/transfer-strategies/StakedTokenTransferStrategy.sol',
  ATokenWithDelegationInstance: 'instances/ATokenWithDelegationInstance.sol',
  StataTokenV2: 'extensions/stata-token/StataTokenV2.sol',
  StataTokenFactory: 'extensions/stata-token/StataTokenFactory.sol',
  // Of packages: what the factory makes vaults with.
  TransparentProxyFactory: 'solidity-utils/contracts/transparent-proxy/TransparentProxyFactory.sol',
  TransparentUpgradeableProxy: 'openzeppelin-contracts/contracts/proxy/transparent/TransparentUpgradeableProxy.sol',
  ProxyAdmin: 'openzeppelin-contracts/contracts/proxy/transparent/ProxyAdmin.sol',
};

const OUTPUTS = ['abi', 'storageLayout', 'evm.bytecode.object', 'evm.bytecode.linkReferences'];

// Linked libraries are compiled as imports of the contracts above; their artifacts are kept too.
const LIBRARY = /^contracts\/protocol\/libraries\/logic\/(\w+)\.sol$/;

function resolve(sources, packages, unit) {
  if (unit.startsWith('contracts/')) return path.join(sources, unit);
  for (const [prefix, folder] of Object.entries(PACKAGES)) {
    if (unit.startsWith(prefix)) return path.join(packages, folder, unit.slice(prefix.length));
  }
  throw new Error(`${unit}: no package provides this import`);
}

function unitOf(file) {
  return Object.keys(PACKAGES).some((prefix) => file.startsWith(prefix)) ? file : `contracts/${file}`;
}

// What the compiler is asked to do with some units; `selection` says which outputs are wanted of which contracts.
function standardInput(units, evmVersion, selection) {
  return {
    language: 'Solidity',
    sources: Object.fromEntries(units.map((unit) => [unit, { urls: [unit] }])),
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion,
      // The upgradeable half of OpenZeppelin imports the other by the name of its package: the same files, once.
      remappings: ['@openzeppelin/contracts/=openzeppelin-contracts/contracts/'],
      metadata: { bytecodeHash: 'none' },
      outputSelection: selection,
    },
  };
}

// The compiler's output; texts of units in `replaced` stand for those of the files.
function compile(solc, sources, packages, input, replaced = {}) {
  const read = (unit) => {
    if (replaced[unit] !== undefined) return { contents: replaced[unit] };
    try {
      return { contents: fs.readFileSync(resolve(sources, packages, unit), 'utf8') };
    } catch (error) {
      return { error: error.message };
    }
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }));
  const errors = (output.errors || []).filter((entry) => entry.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map((entry) => entry.formattedMessage).join('\n'));
  return output;
}

function wantedUnits(sources, packages) {
  const units = Object.values(WANTED).map((wanted) => unitOf([wanted].flat()[0]));
  return units.filter((unit) => fs.existsSync(resolve(sources, packages, unit)));
}

// Library name -> byte offsets in the creation code where its address goes.
function linkOffsets(references) {
  const offsets = {};
  for (const libraries of Object.values(references)) {
    for (const [name, places] of Object.entries(libraries)) offsets[name] = places.map((place) => place.start);
  }
  return offsets;
}

function artifact(output) {
  const { object, linkReferences } = output.evm.bytecode;
  return {
    // Unlinked places hold a placeholder that is not hexadecimal: zero them, the deployer fills them in.
    bytecode: object.replace(/__\$[0-9a-f]{34}\$__/g, '0'.repeat(40)),
    links: linkOffsets(linkReferences),
    abi: output.abi,
    storage: output.storageLayout,
  };
}

function pick(contracts) {
  const picked = {};
  for (const [name, wanted] of Object.entries(WANTED)) {
    const [file, own = name] = [wanted].flat();
    const unit = contracts[unitOf(file)];
    if (unit !== undefined) picked[name] = artifact(unit[own]);
  }
  for (const [unit, outputs] of Object.entries(contracts)) {
    const match = LIBRARY.exec(unit);
    if (match !== null && outputs[match[1]] !== undefined) picked[match[1]] = artifact(outputs[match[1]]);
  }
  return picked;
}

function main([sources, out, compiler = 'solc', evmVersion = 'shanghai']) {
  if (sources === undefined || out === undefined) throw new Error('usage: compile.js SOURCES OUT [COMPILER [EVM_VERSION]]');
  const root = path.isAbsolute(compiler) ? compiler : path.join(process.cwd(), 'node_modules', compiler);
  const solc = require(root);
  const packages = path.join(process.cwd(), 'node_modules');
  const folder = path.resolve(sources);
  const input = standardInput(wantedUnits(folder, packages), evmVersion, { '*': { '*': OUTPUTS } });
  const contracts = pick(compile(solc, folder, packages, input).contracts);
  fs.writeFileSync(out, JSON.stringify({ compiler: solc.version(), evm_version: evmVersion, contracts }));
}

module.exports = { OUTPUTS, WANTED, artifact, compile, resolve, standardInput, unitOf };
if (require.main === module) main(process.argv.slice(2));
