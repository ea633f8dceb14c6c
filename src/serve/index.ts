export type { StoredResult } from '../sdk/group/journal/stored-result.ts';
export type { Attention } from '../sdk/group/standing/attention.ts';
export type { SkipCause, SkipRoot } from '../sdk/group/standing/skip-cause.ts';
export type { AttemptOutcome, AttemptSpan } from '../words/attempts.ts';
export type { TranscriptWords } from '../words/transcript.ts';
export type {
  AcceptedRequest,
  ApiError,
  ApprovalView,
  BudgetView,
  CostHistory,
  CreatedGroup,
  GroupDetail,
  GroupList,
  GroupOutcome,
  GroupStandingView,
  ListedGroupView,
  OwnerView,
  ProgressUpdate,
  RequestOutcome,
  RetryPlan,
  SessionDefinitionView,
  SessionDetail,
  SessionLeftView,
  StreamEnd,
  ToolOutputPage,
  Transcript,
  TranscriptLine,
  UpdatedGroup,
} from './api-types.ts';
export type { AttentionEntry, AttentionView } from './attention-types.ts';
export type { SessionConfiguration } from './configuration-types.ts';
export type { ServerLimits } from './http/limits.ts';
export type {
  Box,
  ChartPicture,
  ChartStateView,
  ChartTransitionView,
  GraphArrow,
  GraphBox,
  GraphPicture,
  Point,
} from './picture-types.ts';
export { createGroupServer, type GroupServer, type GroupServerOptions } from './server.ts';
