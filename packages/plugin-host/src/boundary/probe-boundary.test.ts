import { expect, test } from 'vitest';
import { NO_OUTER, outerHere } from '../testing/plugin-bed.ts';
import { openProtections, PROTECTIONS } from './boundary-report.ts';
import { findOuterBoundary } from './find-outer-boundary.ts';
import { createLaunchPlan, DEFAULT_MEMORY } from './launch-plan.ts';
import { probeBoundary } from './probe-boundary.ts';

const NODE = { node: process.execPath, nodeVersion: process.version };

test('without an outer boundary the report says which protections nobody gives', async () => {
  const report = await probeBoundary({ ...NODE, outer: NO_OUTER });
  expect(report.outer).toEqual(NO_OUTER);
  expect(Object.values(report.protections).every(({ outer }) => outer === 'absent')).toBe(true);
  // The permission model of Node 26 by itself, as measured.
  expect(openProtections(report)).toEqual(['links', 'signals']);
});

test('with one, nothing is open', async (context) => {
  const outer = await outerHere();
  if (outer.type === 'none') context.skip(outer.why);
  const report = await probeBoundary({ ...NODE, outer });
  expect(openProtections(report)).toEqual([]);
  expect(report.protections.files).toEqual({ runtime: 'holds', outer: 'holds' });
  expect(PROTECTIONS.filter((name) => report.protections[name].outer === 'open')).toEqual(['processes']);
});

test.each([
  { platform: 'linux', path: '/nowhere', why: 'bubblewrap' },
  { platform: 'darwin', path: '/usr/bin', why: 'not verified' },
  { platform: 'win32', path: '', why: 'none for win32' },
] as const)(
  'on $platform with $path it says why there is none, or that there is one',
  async ({ platform, path, why }) => {
    const outer = await findOuterBoundary({ platform, path });
    // /usr/bin is looked at whatever PATH says.
    if (outer.type === 'none') expect(outer.why).toContain(why);
    else expect(outer.path).toMatch(/bwrap$/);
  },
);

test('nothing of the host’s environment goes along, whatever is in it', () => {
  const plan = createLaunchPlan({
    folder: '/plugins/a',
    entry: 'bin/backend.js',
    runtime: 'node',
    node: '/node',
    outer: NO_OUTER,
    memory: DEFAULT_MEMORY,
  });
  expect(plan.env).toEqual({ PROXYCAST_PLUGIN: '1', LANG: 'C.UTF-8', UV_THREADPOOL_SIZE: '2' });
  expect(plan.args).toEqual([
    '--permission',
    '--allow-fs-read=/plugins/a',
    '--no-experimental-sqlite',
    '--disable-sigusr1',
    '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
    '--max-old-space-size=128',
    '--max-semi-space-size=4',
    '/plugins/a/bin/backend.js',
  ]);
});
