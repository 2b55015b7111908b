import { ProxyCastError } from './proxycast-error.ts';

/** No enabled provider answers this model name. */
export class ModelNotFoundError extends ProxyCastError {
  constructor(model: string, hint: string) {
    super({
      code: 'model_not_found',
      kind: 'not-found',
      fault: 'client',
      message: `The model ${JSON.stringify(model.slice(0, 200))} is not served here. ${hint}`,
      field: 'model',
    });
  }
}
