import { expect, test } from 'vitest';
import { installSystemProgram, type Machine, type SystemProgram } from './system-programs.ts';

const PROGRAM: SystemProgram = {
  name: 'Anvil',
  neededFor: 'the heavy tests',
  debianPackage: 'anvil-15',
  executable: 'anvil',
  folders: [],
};

/** `results`: how each call of apt-get ends; the program is there once an install has succeeded. */
function createMachine(start: { isThere?: boolean; isRoot?: boolean; hasAptGet?: boolean; results?: boolean[] }) {
  const asked: string[] = [];
  const results = [...(start.results ?? [])];
  let isThere = start.isThere ?? false;
  const machine: Machine = {
    find: () => isThere,
    isRoot: start.isRoot ?? true,
    hasAptGet: start.hasAptGet ?? true,
    aptGet: (...words) => {
      asked.push(words[0] ?? '');
      const isDone = results.shift() ?? false;
      isThere ||= isDone && words[0] === 'install';
      return isDone;
    },
  };
  return { machine, asked };
}

test.each([
  { why: 'is there: nothing is done', start: { isThere: true }, asked: [], answer: undefined },
  { why: 'is installed', start: { results: [true] }, asked: ['install'], answer: undefined },
  {
    why: 'is installed after fetching the lists',
    start: { results: [false, true, true] },
    asked: ['install', 'update', 'install'],
    answer: undefined,
  },
  {
    why: 'cannot be installed',
    start: { results: [false, true, false] },
    asked: ['install', 'update', 'install'],
    answer: 'Anvil is not installed, and this failed: apt-get install anvil-15',
  },
  {
    why: 'cannot be installed offline',
    start: { results: [false, false] },
    asked: ['install', 'update'],
    answer: 'Anvil is not installed, and this failed: apt-get install anvil-15',
  },
  {
    why: 'may not be installed by this person',
    start: { isRoot: false },
    asked: [],
    answer: 'Anvil is not installed, and only root may: sudo apt-get install anvil-15',
  },
  {
    why: 'is for another system to install',
    start: { hasAptGet: false },
    asked: [],
    answer: "Anvil is not installed; get it from your system's packages",
  },
])('a program that $why', ({ start, asked, answer }) => {
  const fake = createMachine(start);
  expect(installSystemProgram(PROGRAM, fake.machine)).toBe(answer);
  expect(fake.asked).toEqual(asked);
});
