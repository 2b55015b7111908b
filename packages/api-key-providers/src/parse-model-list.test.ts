import { expect, test } from 'vitest';
import { parseModelList } from './parse-model-list.ts';

test.each([
  [{ data: [{ id: 'a', owned_by: 'x' }, { id: 'b' }] }, [{ id: 'a', ownedBy: 'x' }, { id: 'b' }]],
  [
    {
      models: [
        { name: 'models/g', supportedGenerationMethods: ['generateContent'] },
        { name: 'models/e', supportedGenerationMethods: ['embedContent'] },
        { name: 'models/other', supportedGenerationMethods: ['bidiGenerateContent'] },
      ],
    },
    [{ id: 'g' }, { id: 'e' }],
  ],
  [{ models: [{ name: 'llama3.2:latest', model: 'llama3.2:latest' }] }, [{ id: 'llama3.2:latest' }]],
  [[{ id: 't' }], [{ id: 't' }]],
  [
    {
      modelSummaries: [
        { modelId: 'amazon.nova-lite-v1:0', providerName: 'Amazon', inferenceTypesSupported: ['ON_DEMAND'] },
        { modelId: 'anthropic.claude-sonnet-5', inferenceTypesSupported: ['INFERENCE_PROFILE'] },
      ],
    },
    [{ id: 'amazon.nova-lite-v1:0', ownedBy: 'Amazon' }],
  ],
  [
    { inferenceProfileSummaries: [{ inferenceProfileId: 'us.anthropic.claude-sonnet-5', inferenceProfileName: 'x' }] },
    [{ id: 'us.anthropic.claude-sonnet-5' }],
  ],
  [{ publisherModels: [{ name: 'publishers/google/models/gemini-3-pro' }] }, [{ id: 'gemini-3-pro' }]],
  [{ success: true, result: [{ id: 'uuid', name: '@cf/meta/llama' }] }, [{ id: '@cf/meta/llama' }]],
  [{ data: [{ id: 1 }, null, { id: '' }] }, []],
  [undefined, undefined],
  [{ error: {} }, undefined],
  [null, undefined],
])('%j', (value, expected) => {
  expect(parseModelList(value)).toEqual(expected);
});
