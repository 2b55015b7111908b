#!/usr/bin/env node
// The built command line stands beside the built server; `npm start` or `npm run build` makes both.
import { existsSync } from 'node:fs';

const built = new URL('../../server/dist/cli.js', import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  process.stderr.write('ProxyCast is not built yet. Run: npm run build\n');
  process.exitCode = 1;
}
