// What the server's own thread sees: no tokenizer is imported from here, so none is loaded at start.
export * from './token-counter.ts';
