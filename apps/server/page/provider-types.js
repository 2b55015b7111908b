/** What the form asks of a type besides its address and key. */
const EXTRA_FIELDS = {
  'azure-openai': ['api_version'],
  vertexai: ['project', 'location'],
  'aws-bedrock': ['region'],
};

export const extraFieldsOf = (type) => EXTRA_FIELDS[type] ?? [];

/** Their address follows from the other fields. */
export const needsAddress = (type) => !['vertexai', 'aws-bedrock'].includes(type);

/** What a key of the type looks like, where that is not plain. */
export function keyHintOf(type, group) {
  switch (type) {
    case 'azure-openai':
      return 'provider-form.azure-key';
    case 'vertexai':
      return 'provider-form.vertex-key';
    case 'aws-bedrock':
      return 'provider-form.bedrock-key';
    default:
      return group === 'local' || type === 'ollama' ? 'provider-form.local-key' : 'provider-form.key-hint';
  }
}

/** Servers on one's own machine mostly want none. */
export const needsKey = (type, group, authHeader) => authHeader !== 'none' && group !== 'local' && type !== 'ollama';
