import { afterEach, beforeEach, expect, test } from 'vitest';
import { NO_FIELDS } from './admin-route.ts';
import { ADMIN_TOKEN, type AdminApiUnderTest, readField, startAdminApi } from './testing/admin-api-under-test.ts';

let api: AdminApiUnderTest;
let document: unknown;
beforeEach(async () => {
  api = await startAdminApi();
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  document = (await api.send({ path: '/api/admin/openapi.json', headers })).json;
});
afterEach(() => api.stop());

const at = (value: unknown, ...path: readonly string[]): unknown => path.reduce(readField, value);
const keysOf = (value: unknown) => Object.keys(Object(value));
function operations(): readonly { readonly method: string; readonly path: string; readonly operation: unknown }[] {
  const paths = at(document, 'paths');
  return keysOf(paths).flatMap((path) =>
    keysOf(at(paths, path)).map((method) => ({ method, path, operation: at(paths, path, method) })),
  );
}
/** Every object in a value, the value included. */
function objectsIn(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}

test('the document names every route and nothing else', () => {
  const named = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect(named.sort()).toEqual(api.routes.map(({ method, path }) => `${method} ${path}`).sort());
});

test('it has what OpenAPI 3.1 asks for', () => {
  expect(at(document, 'openapi')).toMatch(/^3\.1\.\d+$/);
  expect(at(document, 'info', 'title')).toBeTypeOf('string');
  expect(at(document, 'info', 'version')).toBe('0.1.0');
  expect(keysOf(document).sort()).toEqual(['components', 'info', 'openapi', 'paths', 'security', 'servers']);
  const ids = operations().map(({ operation }) => at(operation, 'operationId'));
  expect(new Set(ids).size).toBe(ids.length);
  const schemes = keysOf(at(document, 'components', 'securitySchemes'));
  for (const { operation, method, path } of operations()) {
    const statuses = keysOf(at(operation, 'responses'));
    expect(
      statuses.some((status) => /^2\d\d$/.test(status)),
      path,
    ).toBe(true);
    expect(
      statuses.every((status) => /^[2-5]\d\d$/.test(status)),
      path,
    ).toBe(true);
    for (const requirement of Object.values(Object(at(operation, 'security')))) {
      for (const scheme of keysOf(requirement)) expect(schemes).toContain(scheme);
    }
    if (method === 'get' || method === 'delete') expect(at(operation, 'requestBody'), path).toBeUndefined();
  }
});

test('every parameter of a path is described, and every described one is in the path', () => {
  for (const { path, operation } of operations()) {
    const parameters = Object.values(Object(at(operation, 'parameters')));
    const inPath = parameters.filter((parameter) => at(parameter, 'in') === 'path');
    expect(inPath.map((parameter) => at(parameter, 'name'))).toEqual(
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
    );
    expect(inPath.every((parameter) => at(parameter, 'required') === true)).toBe(true);
    expect(parameters.every((parameter) => typeof at(parameter, 'schema') === 'object')).toBe(true);
  }
});

test('every reference leads somewhere', () => {
  const references = objectsIn(document).flatMap((value) => {
    const reference = at(value, '$ref');
    return typeof reference === 'string' ? [reference] : [];
  });
  expect(references.length).toBeGreaterThan(100);
  for (const reference of references) {
    expect(reference.startsWith('#/'), reference).toBe(true);
    expect(at(document, ...reference.slice(2).split('/')), reference).toBeDefined();
  }
});

test('no schema names another dialect or a place of its own', () => {
  for (const value of objectsIn(at(document, 'components', 'schemas'))) {
    expect(keysOf(value)).not.toContain('$schema');
    expect(keysOf(value)).not.toContain('$id');
  }
});

test('only the login needs no identity; what changes something by cookie needs the CSRF token', () => {
  for (const { method, path, operation } of operations()) {
    const expected =
      path === '/api/admin/v1/session' && method === 'post'
        ? []
        : [{ adminToken: [] }, method === 'get' ? { session: [] } : { session: [], csrfToken: [] }];
    expect(at(operation, 'security'), `${method} ${path}`).toEqual(expected);
  }
});

test('bodies and answers are described by their schemas', () => {
  for (const route of api.routes) {
    const operation = at(document, 'paths', route.path, route.method.toLowerCase());
    const answer = at(operation, 'responses', String(route.answer.status), 'content', 'application/json', 'schema');
    if (route.answer.status === 204) expect(answer).toBeUndefined();
    else if (route.operationId !== 'getOpenApi') expect(at(answer, '$ref'), route.path).toBeTypeOf('string');
    const body = at(operation, 'requestBody', 'content', 'application/json', 'schema', '$ref');
    // An action that takes nothing has no body to describe.
    if (route.hasBody && route.body !== NO_FIELDS) expect(body, route.path).toBeTypeOf('string');
  }
  expect(at(document, 'components', 'schemas', 'ClientKeyCreate')).toMatchObject({
    type: 'object',
    additionalProperties: false,
    properties: { allowed_models: { anyOf: [{ type: 'array' }, { type: 'null' }] } },
  });
  expect(at(document, 'components', 'schemas', 'ProviderCreate', 'required')).toEqual(['name', 'type']);
  expect(at(document, 'components', 'schemas', 'Settings', 'required')).toContain('limits.max_attempts');
});
