import { defineProvider } from '@proxycast/plugin-sdk';
import { credential } from './credential.ts';
import { failure } from './failure.ts';
import { login } from './login.ts';
import { models } from './models.ts';
import { request } from './request.ts';
import { response } from './response.ts';

export default defineProvider({ id: 'sample', credential, login, models, request, response, failure });
