// The names of the machine. uname(2), uts_namespaces(7)
import { Namespace, type Ownership } from "./namespace.ts";

export class UtsNamespace extends Namespace {
  readonly kind = "uts";
  hostname: string;
  domainname: string;

  constructor(hostname: string, domainname = "(none)", ownership?: Ownership) {
    super(ownership);
    this.hostname = hostname;
    this.domainname = domainname;
  }
  copy(ownership: Ownership): UtsNamespace {
    return new UtsNamespace(this.hostname, this.domainname, ownership);
  }
}
