// The names of the machine. uname(2), uts_namespaces(7)
export class UtsNamespace {
  hostname: string;
  domainname: string;
  constructor(hostname: string, domainname = "(none)") {
    this.hostname = hostname;
    this.domainname = domainname;
  }
}
