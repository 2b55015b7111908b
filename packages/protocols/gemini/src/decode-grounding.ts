import type { Citation, JsonObject } from '@proxycast/spec';
import { countOf, isObject, textOf } from '@proxycast/wire';
import { createOffsetFinder } from './utf8-offset.ts';

/** A text block that sources are given for. */
export interface GroundedText {
  readonly text: string;
  /** Of all text that stands before it, in bytes. */
  readonly startByte: number;
}

/** The statements of a text and their sources. Segments count bytes over the whole text of an answer, or over its part. */
export function decodeCitations(
  grounding: JsonObject | undefined,
  citationMetadata: JsonObject | undefined,
  { text, startByte }: GroundedText,
): readonly Citation[] {
  const block: SearchedText = { text, startByte, find: createOffsetFinder(text) };
  const chunks = listIn(grounding?.groundingChunks);
  const citations = listIn(grounding?.groundingSupports).flatMap((support): readonly Citation[] => {
    const { segment, groundingChunkIndices } = support;
    const place = isObject(segment) ? placeOf(segment, block) : undefined;
    if (place === undefined) return [];
    const indices: readonly unknown[] = Array.isArray(groundingChunkIndices) ? groundingChunkIndices : [];
    return indices.flatMap((index): readonly Citation[] => {
      const source = typeof index === 'number' ? sourceOf(chunks[index]) : undefined;
      return source === undefined ? [] : [{ ...source, ...place }];
    });
  });
  const recited = listIn(citationMetadata?.citationSources ?? citationMetadata?.citations);
  return [
    ...citations,
    ...recited.flatMap((source): readonly Citation[] => {
      const url = textOf(source.uri);
      const place = placeOf(source, block);
      if (url === undefined || place === undefined) return [];
      const title = textOf(source.title);
      return [{ type: 'url', url, ...(title === undefined ? {} : { title }), ...place }];
    }),
  ];
}

/** What a search found. */
export function decodeSources(grounding: JsonObject): readonly { readonly url: string; readonly title?: string }[] {
  return listIn(grounding.groundingChunks).flatMap(({ web }) => {
    const url = isObject(web) ? textOf(web.uri) : undefined;
    const title = isObject(web) ? textOf(web.title) : undefined;
    return url === undefined ? [] : [{ url, ...(title === undefined ? {} : { title }) }];
  });
}

const listIn = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

function sourceOf(chunk: JsonObject | undefined): Citation | undefined {
  if (chunk === undefined) return undefined;
  const { web, maps, retrievedContext } = chunk;
  const page = isObject(web) ? web : isObject(maps) ? maps : undefined;
  const url = textOf(page?.uri);
  if (page !== undefined) {
    const title = textOf(page.title);
    return url === undefined ? undefined : { type: 'url', url, ...(title === undefined ? {} : { title }) };
  }
  if (!isObject(retrievedContext)) return undefined;
  const uri = textOf(retrievedContext.uri);
  const title = textOf(retrievedContext.title) ?? textOf(retrievedContext.fileSearchStore);
  const citedText = textOf(retrievedContext.text);
  return {
    type: uri === undefined ? 'file' : 'url',
    ...(uri === undefined ? {} : { url: uri }),
    ...(title === undefined ? {} : { title }),
    ...(citedText === undefined ? {} : { citedText }),
  };
}

interface SearchedText extends GroundedText {
  readonly find: (byteOffset: number) => number | undefined;
}

interface Place {
  readonly startIndex?: number;
  readonly endIndex?: number;
}

/** Where in the block a segment is; `undefined` when it is in another. Its own words decide where the offsets do not agree. */
function placeOf(segment: JsonObject, { text, startByte, find }: SearchedText): Place | undefined {
  const start = countOf(segment.startIndex) ?? 0;
  const end = countOf(segment.endIndex);
  const words = textOf(segment.text);
  const placeAt = (from: number): Required<Place> | undefined => {
    const startIndex = find(start - from);
    const endIndex = end === undefined ? undefined : find(end - from);
    return startIndex === undefined || endIndex === undefined ? undefined : { startIndex, endIndex };
  };
  const inAnswer = placeAt(startByte);
  if (inAnswer !== undefined && agrees(text, inAnswer, words)) return inAnswer;
  const inPart = placeAt(0);
  if (inPart !== undefined && words !== undefined && agrees(text, inPart, words)) return inPart;
  const at = words === undefined ? -1 : text.indexOf(words);
  if (words === undefined || at < 0) return undefined;
  return { startIndex: at, endIndex: at + words.length };
}

const agrees = (text: string, { startIndex, endIndex }: Required<Place>, words: string | undefined): boolean =>
  words === undefined || text.slice(startIndex, endIndex) === words;
