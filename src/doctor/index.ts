export { examineMachine } from './machine.ts';
export { examineRepository } from './repository.ts';
