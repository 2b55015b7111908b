export * from './fake-ai-gateway/create-ai-gateway-service.ts';
export * from './fake-azure/create-azure-service.ts';
export * from './fake-bedrock/create-fake-bedrock.ts';
export * from './fake-clock.ts';
export * from './fake-google/create-fake-google-tokens.ts';
export * from './fake-google/create-vertex-service.ts';
export * from './fake-identity-provider/create-fake-identity-provider.ts';
export * from './fake-identity-provider/start-fake-identity-provider.ts';
export * from './fake-ollama/create-ollama-service.ts';
export * from './fake-upstream/answer.ts';
export {
  createFakeUpstream,
  type FakeUpstream,
  type FakeUpstreamOptions,
  type Violation,
} from './fake-upstream/create-fake-upstream.ts';
export type { FakeService } from './fake-upstream/fake-service.ts';
export type { MultipartPart } from './fake-upstream/multipart.ts';
export type { FakeDialectId, RecordedRequest, RequestEnd } from './fake-upstream/recorded-request.ts';
export * from './gate.ts';
export * from './recordings.ts';
export * from './start-server.ts';
