// Futexes: wait queues keyed by the identity of a word in memory. futex(2)
export class Futexes {}
