export type { AttemptOutcome, AttemptSpan } from '../words/attempts.ts';
export type {
  AcceptedRequest,
  ApiError,
  ApprovalView,
  BudgetView,
  ChartPicture,
  CreatedGroup,
  GraphPicture,
  GroupDetail,
  GroupList,
  GroupOutcome,
  GroupStandingView,
  OwnerView,
  ProgressUpdate,
  RequestOutcome,
  RetryPlan,
  SessionDefinitionView,
  SessionDetail,
  SessionLeftView,
  StreamEnd,
  Transcript,
  TranscriptLine,
  UpdatedGroup,
} from './api-types.ts';
export type { ServerLimits } from './http/limits.ts';
export { createGroupServer, type GroupServer, type GroupServerOptions } from './server.ts';
