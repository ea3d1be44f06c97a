// -k: where a call came from.
import type { Task } from "../../kernel/task/task.ts";

export function stackLines(_task: Task, _limit: number): string[] {
  return [];
}
