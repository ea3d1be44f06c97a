// Interfaces: loopback exists and is up; ioctls on it; name and index; getifaddrs.
#include "t.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
int main(void) {
  int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  struct ifreq r = {.ifr_name = "lo"};
  T(ioctl(s, SIOCGIFFLAGS, &r));
  say("UP %d LOOPBACK %d RUNNING %d\n", !!(r.ifr_flags & IFF_UP), !!(r.ifr_flags & IFF_LOOPBACK), !!(r.ifr_flags & IFF_RUNNING));
  T(ioctl(s, SIOCGIFADDR, &r));
  say("%s\n", inet_ntoa(((struct sockaddr_in *)&r.ifr_addr)->sin_addr));
  T(ioctl(s, SIOCGIFNETMASK, &r));
  say("%s\n", inet_ntoa(((struct sockaddr_in *)&r.ifr_netmask)->sin_addr));
  T(ioctl(s, SIOCGIFMTU, &r));
  say("mtu %d\n", r.ifr_mtu);
  T(ioctl(s, SIOCGIFINDEX, &r));
  say("index %d\n", r.ifr_ifindex);
  strcpy(r.ifr_name, "none0");
  T(ioctl(s, SIOCGIFFLAGS, &r));
  T(if_nametoindex("lo"));
  T(if_nametoindex("none0"));
  char name[IF_NAMESIZE];
  CHECK(if_indextoname(1, name) != 0 && !strcmp(name, "lo"));
  struct ifaddrs *list;
  T(getifaddrs(&list));
  int four = 0, six = 0;
  for (struct ifaddrs *i = list; i; i = i->ifa_next) {
    if (strcmp(i->ifa_name, "lo") || !i->ifa_addr) continue;
    if (i->ifa_addr->sa_family == AF_INET) four = ((struct sockaddr_in *)i->ifa_addr)->sin_addr.s_addr == htonl(INADDR_LOOPBACK);
    if (i->ifa_addr->sa_family == AF_INET6) six = IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr);
  }
  say("four %d six %d\n", four, six);
  T(socket(AF_NETLINK, SOCK_RAW, 0) >= 0);
  return 0;
}
