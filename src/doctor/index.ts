export { examineMachine } from './machine.ts';
