export { type Proposal, type ProposalOptions, propose } from './propose.ts';
export { type Survey, type SurveyOptions, survey } from './survey.ts';
