import { anthropicDialect } from '../fake-upstream/anthropic/anthropic-dialect.ts';
import { chatDialect } from '../fake-upstream/chat/chat-dialect.ts';
import type { FakeService } from '../fake-upstream/fake-service.ts';
import { responsesDialect } from '../fake-upstream/responses/responses-dialect.ts';

/** Vercel's AI Gateway by its public shapes: three dialects at the origin, models as `vendor/model` (api-key-system.md 2.10). */
export function createAiGatewayService({ models }: { readonly models: readonly string[] }): FakeService {
  return {
    dialects: [chatDialect, anthropicDialect, responsesDialect],
    refuse: ({ operation, model }) =>
      operation !== 'chat' || (model?.includes('/') === true && models.includes(model))
        ? undefined
        : { status: 404, code: 'model_not_found', message: `Model '${String(model)}' not found` },
  };
}
