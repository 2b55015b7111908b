import { globSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { NAMED_ANSWERS, NAMED_BODIES } from './named-schemas.ts';

/** Every name that a file of this folder exports; read from the folder, so that a new file is not forgotten. */
async function readExports(): Promise<readonly (readonly [string, unknown])[]> {
  const files = globSync('*.ts', { cwd: import.meta.dirname, exclude: ['index.ts', '*.test.ts'] });
  const modules = await Promise.all(files.map(async (file): Promise<object> => import(/* @vite-ignore */ `./${file}`)));
  return modules.flatMap((module): [string, unknown][] => Object.entries(module));
}

test('every exported schema of a body or an answer has a name', async () => {
  const named = new Set<unknown>([...Object.values(NAMED_BODIES), ...Object.values(NAMED_ANSWERS)]);
  const exported = await readExports();
  // Queries are described as parameters; a file of the home folder is no body.
  const elsewhere = ['requestQuerySchema', 'declaredConfigSchema'];
  const unnamed = exported.filter(
    ([name, value]) => name.endsWith('Schema') && !elsewhere.includes(name) && !named.has(value),
  );
  expect(exported.map(([name]) => name)).toContain('settingsSchema');
  expect(unnamed.map(([name]) => name)).toEqual([]);
});

test('no name is used twice', () => {
  const names = [...Object.keys(NAMED_BODIES), ...Object.keys(NAMED_ANSWERS)];
  expect(new Set(names).size).toBe(names.length);
});

test.each(Object.entries({ ...NAMED_BODIES, ...NAMED_ANSWERS }))('%s refuses unknown fields', (_name, schema) => {
  const result = schema.safeParse({ colour: 'red' });
  expect(result.error?.issues).toContainEqual(expect.objectContaining({ code: 'unrecognized_keys', keys: ['colour'] }));
});

test.each(Object.entries(NAMED_BODIES))('%s is described by JSON Schema without a gap', (_name, schema) => {
  expect(() => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'throw' })).not.toThrow();
});
