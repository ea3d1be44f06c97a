// An order among the kernel's objects, for kcmp(2): any will do, as long as it stays the same.
export class ObjectOrder {
  private readonly numbers = new WeakMap<object, number>();
  private last = 0;
  of(object: object): number {
    let number = this.numbers.get(object);
    if (number === undefined) {
      number = ++this.last;
      this.numbers.set(object, number);
    }
    return number;
  }
}
