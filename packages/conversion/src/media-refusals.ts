import { InvalidRequestError } from '@proxycast/spec';

const MAX_SHOWN_CHARACTERS = 200;

/** The refusals of media, in the same words and with the same codes whatever the dialect. `field` as the client knows it. */
export const refuseFileOfAnotherService = (field: string): InvalidRequestError =>
  new InvalidRequestError({
    code: 'file_not_portable',
    field,
    message: `${field}: the file was uploaded to another service, where alone its id means something. Send the file itself, in base64.`,
  });

export const refuseMediaUrl = (url: string, field: string): InvalidRequestError =>
  new InvalidRequestError({
    code: 'media_url_not_supported',
    field,
    message: `${field}: this model does not read files from addresses such as ${shown(url)}. Send the file itself, in base64.`,
  });

export const refuseMediaType = (mediaType: string, taken: string, field: string): InvalidRequestError =>
  new InvalidRequestError({
    code: 'media_type_not_supported',
    field,
    message: `${field}: files of the type ${shown(mediaType)} are not taken by this model; it takes ${taken}.`,
  });

export const refuseMediaKind = (kind: string, taken: string, field: string): InvalidRequestError =>
  new InvalidRequestError({
    code: 'media_kind_not_supported',
    field,
    message: `${field}: this model takes no ${kind}; send ${taken}.`,
  });

/** Without what may be secret in it: the query of an address. */
const shown = (text: string): string => (text.split(/[?#]/, 1)[0] ?? '').slice(0, MAX_SHOWN_CHARACTERS).toWellFormed();
