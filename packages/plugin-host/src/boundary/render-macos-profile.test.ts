import { expect, test } from 'vitest';
import { renderMacosProfile } from './render-macos-profile.ts';

test('the profile denies by default, and a path cannot leave its quotes', () => {
  const profile = renderMacosProfile({ folder: '/plugins/a") (allow default', node: '/opt/node' });
  expect(profile.split('\n').slice(0, 2)).toEqual(['(version 1)', '(deny default)']);
  expect(profile).toContain('(subpath "/plugins/a\\") (allow default")');
  expect(profile.match(/\(deny network\*\)|\(deny file-write\*\)|\(deny process-fork\)/g)).toHaveLength(3);
});
