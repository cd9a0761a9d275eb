export { refuseFileOptions, wordsOf } from './command-line.ts';
export { jobOutputs, type SessionsJob, type SweepJobs, sweepJobs } from './jobs.ts';
export { criteriaFault, type PriorityContext, priorityPolicySchema, withPriorities } from './priority.ts';
export {
  commentEventSchema,
  permissionSchema,
  pullRequestSchema,
  type SweepRequest,
  sweepRequest,
} from './sweep-comment.ts';
