/** Names of models that do not chat. */
const OTHER_WORK = /embed|rerank|whisper|tts|speech|audio|image|dall-e|moderation|veo|imagen|sora|transcri|bge-/i;

/** The model to ask: the first that chats, else the first. */
export function chooseTestedModel(models: readonly string[]): string | undefined {
  return models.find((model) => !OTHER_WORK.test(model)) ?? models[0];
}
