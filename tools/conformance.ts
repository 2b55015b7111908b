import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderConformancePage } from '../packages/testkit/src/conformance/page/render-page.ts';

// Tries every capability between every two dialects, and writes what came of it.
const page = fileURLToPath(new URL('../architecture/conformance.md', import.meta.url));
writeFileSync(page, renderConformancePage());
console.log(`Written: ${page}`);
