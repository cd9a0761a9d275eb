/** Topics of the page in the documentation: each is a heading of one of its pages. */
export const topics = {
  answer: 'metrics.html#hardware-at-a-given-speed',
  latency: 'metrics.html#latency-of-a-request',
  throughput: 'metrics.html#throughput',
  derived: 'metrics.html#derived-figures',
  frontier: 'metrics.html#the-frontier',
  hardware: 'metrics.html#hardware-constants',
  accuracy: 'metrics.html#accuracy',
  sessions: 'agentic.html#on-the-page',
  power: 'metrics.html#power-and-the-engines-own-figures',
  verdict: 'fidelity.html#how-a-measurement-is-judged',
} as const;

export type Topic = keyof typeof topics;
