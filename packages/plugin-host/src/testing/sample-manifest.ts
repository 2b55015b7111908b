/** A manifest in the full form that nothing is wrong with. */
export function sampleManifest(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    name: 'sample-provider',
    version: '1.2.0',
    plugin_type: 'oauth_provider',
    entry: 'bin/backend.js',
    runtime: 'node',
    contract_version: 1,
    provider: {
      id: 'sample',
      display_name: 'Sample',
      target_protocol: 'openai',
      supported_models: ['*'],
      auth_types: [{ id: 'oauth', display_name: 'OAuth' }],
    },
    ...changes,
  };
}
