'use strict';
// Answers jobs about the sources: N.json in the folder OUT for the job number N, with the seconds it took.
//
//   node solidity.js SOURCES OUT [EVM_VERSION] < jobs.json      (in the folder of node_modules)
//
// A job {"trees": [CONTRACT...]} asks for the syntax trees of these contracts and of all that they import, and for the
// text of every unit. A job {"units": {UNIT: TEXT}, "wanted": {CONTRACT: UNIT}} asks for artifacts of some contracts,
// compiled with the units replaced or added; "called" tells what a contract that takes another's place is called.

const fs = require('fs');
const path = require('path');
const { OUTPUTS, WANTED, artifact, compile, resolve, standardInput, unitOf } = require('../compile.js');

const TREES = { '*': { '': ['ast'] } };

function trees(solc, sources, packages, evmVersion, job) {
  const input = standardInput(job.trees.map((name) => unitOf([WANTED[name]].flat()[0])), evmVersion, TREES);
  const answer = { trees: {}, texts: {} };
  for (const [unit, output] of Object.entries(compile(solc, sources, packages, input).sources)) {
    answer.trees[unit] = output.ast;
    answer.texts[unit] = fs.readFileSync(resolve(sources, packages, unit), 'utf8');
  }
  return answer;
}

function artifacts(solc, sources, packages, evmVersion, job) {
  const called = (name) => job.called[name] ?? name;
  const selection = {};
  for (const [name, unit] of Object.entries(job.wanted)) (selection[unit] ??= {})[called(name)] = OUTPUTS;
  const input = standardInput([...new Set(Object.values(job.wanted))], evmVersion, selection);
  const { contracts } = compile(solc, sources, packages, input, job.units);
  const answer = {};
  for (const [name, unit] of Object.entries(job.wanted)) {
    answer[name] = artifact(contracts[unit][called(name)]);
  }
  return { artifacts: answer };
}

function main([folder, out, evmVersion = 'shanghai']) {
  if (out === undefined) throw new Error('usage: solidity.js SOURCES OUT [EVM_VERSION] < jobs.json');
  const packages = path.join(process.cwd(), 'node_modules');
  const solc = require(path.join(packages, 'solc'));
  const sources = path.resolve(folder);
  for (const [number, job] of JSON.parse(fs.readFileSync(0, 'utf8')).entries()) {
    const start = Date.now();
    let answer;
    try {
      const answered = job.trees === undefined ? artifacts : trees;
      answer = answered(solc, sources, packages, evmVersion, job);
    } catch (error) {
      answer = { error: error.message };
    }
    answer.seconds = (Date.now() - start) / 1000;
    fs.writeFileSync(path.join(out, `${number}.json`), JSON.stringify(answer));
  }
}

main(process.argv.slice(2));
