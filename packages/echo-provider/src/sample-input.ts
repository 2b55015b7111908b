/** An input that fits a tool's JSON Schema: an object in the prompt itself, else one value for each required property. */
export function sampleInput(
  schema: Readonly<Record<string, unknown>>,
  prompt: string,
): Readonly<Record<string, unknown>> {
  const given = objectIn(prompt);
  if (given !== undefined) return given;
  const properties = asRecord(schema['properties']) ?? {};
  const required = Array.isArray(schema['required'])
    ? schema['required'].filter((name) => typeof name === 'string')
    : [];
  return Object.fromEntries(required.map((name) => [name, sampleValue(asRecord(properties[name]) ?? {}, prompt)]));
}

function sampleValue(schema: Readonly<Record<string, unknown>>, prompt: string): unknown {
  if (Array.isArray(schema['enum']) && schema['enum'].length > 0) return schema['enum'][0];
  if (schema['const'] !== undefined) return schema['const'];
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  switch (typeof type === 'string' ? type.toLowerCase() : undefined) {
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object':
      return sampleInput(schema, '');
    case 'null':
      return null;
    default:
      return prompt.slice(0, 200);
  }
}

function objectIn(prompt: string): Readonly<Record<string, unknown>> | undefined {
  const start = prompt.indexOf('{');
  const end = prompt.lastIndexOf('}');
  if (start < 0 || end <= start) return undefined;
  try {
    return asRecord(JSON.parse(prompt.slice(start, end + 1)));
  } catch {
    return undefined;
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}
