import { type ChatRequest, unreachable } from '@proxycast/spec';
import type { CountPiece } from './load-encoding.ts';
import { type MeasuredMedia, measureRequest, type RequestMeasure } from './measure-request.ts';
import { imageTokensOf } from './media/image-tokens.ts';
import { TextMeter } from './text-meter.ts';
import { profileOf, type TokenProfile } from './token-profile.ts';

/** How many input tokens a request is to a model: an estimate, rather too high than too low. At least 1. */
export function estimateTokens(request: ChatRequest, model: string, countPiece: CountPiece): number {
  return sumOf(measureRequest(request, new TextMeter(countPiece)), profileOf(model));
}

function sumOf(measure: RequestMeasure, profile: TokenProfile): number {
  let sum = profile.request + measure.turns * profile.turn;
  sum += (measure.text - measure.wideText) * profile.textFactor + measure.wideText * profile.wideFactor;
  sum += measure.calls * profile.call + measure.callText * profile.callFactor + measure.results * profile.result;
  sum += measure.thinking * profile.thinkingFactor + measure.earlierThinking * profile.earlierThinkingFactor;
  sum += measure.signatureUnits * profile.signatureUnit;
  if (measure.tools > 0) sum += profile.tools + measure.tools * profile.tool + measure.toolText * profile.toolFactor;
  sum += measure.serverTools * profile.serverTool;
  if (measure.schemaText > 0) sum += profile.schema + measure.schemaText * profile.schemaFactor;
  if (measure.isThinking) sum += profile.thinkingMode;
  for (const media of measure.media) sum += mediaTokensOf(media, profile);
  return Math.max(1, Math.ceil(sum));
}

function mediaTokensOf(media: MeasuredMedia, profile: TokenProfile): number {
  switch (media.type) {
    case 'image':
      return imageTokensOf(profile.image, media.size, media.detail);
    case 'pdf':
      return media.pages * profile.pdfPage;
    case 'audio':
      return media.seconds * profile.audioSecond;
    case 'video':
      return media.seconds * profile.videoSecond;
    default:
      return unreachable(media);
  }
}
