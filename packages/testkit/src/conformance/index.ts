export * from './answer-facts.ts';
export * from './compare-answers.ts';
export * from './conformance-dialect.ts';
export * from './convert-answer.ts';
export * from './raw-answers/raw-stream.ts';
export * from './recorded-streams.ts';
