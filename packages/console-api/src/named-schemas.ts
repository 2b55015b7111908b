import type { z } from 'zod';
import { apiKeyCreateSchema, apiKeyListSchema, apiKeyPatchSchema, apiKeySchema } from './api-key.ts';
import {
  clientKeyCreateSchema,
  clientKeyListSchema,
  clientKeyPatchSchema,
  clientKeySchema,
  createdClientKeySchema,
} from './client-key.ts';
import {
  boundaryAnswerSchema,
  pluginConfigAnswerSchema,
  pluginConfigPutSchema,
  pluginCredentialCheckSchema,
  pluginCredentialCreateSchema,
  pluginCredentialListSchema,
  pluginCredentialPatchSchema,
  pluginCredentialSchema,
  pluginInspectionSchema,
  pluginInspectSchema,
  pluginInstallSchema,
  pluginListSchema,
  pluginSchema,
  pluginVerificationSchema,
} from './plugin.ts';
import { problemSchema } from './problem.ts';
import {
  providerCreateSchema,
  providerListSchema,
  providerModelListSchema,
  providerModelSchema,
  providerPatchSchema,
  providerSchema,
  providerTestSchema,
} from './provider.ts';
import { attemptListSchema, attemptSchema, requestSchema } from './request.ts';
import {
  planSchema,
  routeCreateSchema,
  routeListSchema,
  routePatchSchema,
  routeSchema,
  routeTestRequestSchema,
} from './route.ts';
import { sessionCreateSchema, sessionSchema } from './session.ts';
import { settingsPatchSchema, settingsSchema } from './settings.ts';
import {
  backupListSchema,
  backupSchema,
  backupWrittenSchema,
  doctorSchema,
  restoredSchema,
  restoreSchema,
} from './upkeep.ts';

/** The bodies clients send, under the names they have in the OpenAPI document. */
export const NAMED_BODIES: Readonly<Record<string, z.ZodType>> = {
  ApiKeyCreate: apiKeyCreateSchema,
  ApiKeyPatch: apiKeyPatchSchema,
  ClientKeyCreate: clientKeyCreateSchema,
  ClientKeyPatch: clientKeyPatchSchema,
  PluginConfigPut: pluginConfigPutSchema,
  PluginCredentialCreate: pluginCredentialCreateSchema,
  PluginCredentialPatch: pluginCredentialPatchSchema,
  PluginInspect: pluginInspectSchema,
  PluginInstall: pluginInstallSchema,
  ProviderCreate: providerCreateSchema,
  ProviderPatch: providerPatchSchema,
  Restore: restoreSchema,
  RouteCreate: routeCreateSchema,
  RoutePatch: routePatchSchema,
  RouteTestRequest: routeTestRequestSchema,
  SessionCreate: sessionCreateSchema,
  SettingsPatch: settingsPatchSchema,
};

/** The answers, under the names they have in the OpenAPI document. */
export const NAMED_ANSWERS: Readonly<Record<string, z.ZodType>> = {
  ApiKey: apiKeySchema,
  ApiKeyList: apiKeyListSchema,
  Attempt: attemptSchema,
  AttemptList: attemptListSchema,
  ClientKey: clientKeySchema,
  ClientKeyList: clientKeyListSchema,
  CreatedClientKey: createdClientKeySchema,
  Plan: planSchema,
  Plugin: pluginSchema,
  PluginBoundary: boundaryAnswerSchema,
  PluginConfig: pluginConfigAnswerSchema,
  PluginCredential: pluginCredentialSchema,
  PluginCredentialCheck: pluginCredentialCheckSchema,
  PluginCredentialList: pluginCredentialListSchema,
  PluginInspection: pluginInspectionSchema,
  PluginList: pluginListSchema,
  PluginVerification: pluginVerificationSchema,
  Problem: problemSchema,
  Provider: providerSchema,
  ProviderList: providerListSchema,
  ProviderModel: providerModelSchema,
  ProviderModelList: providerModelListSchema,
  ProviderTest: providerTestSchema,
  Request: requestSchema,
  Restored: restoredSchema,
  Route: routeSchema,
  RouteList: routeListSchema,
  Session: sessionSchema,
  Backup: backupSchema,
  BackupList: backupListSchema,
  BackupWritten: backupWrittenSchema,
  Doctor: doctorSchema,
  Settings: settingsSchema,
};
