# Tells the kernel to find a dead peer's address unreachable after 0.3 s instead of 3 s, in this container's network only.
#
# Patroni asks every member before it promotes one, and waits 2 s for one that is silent; HAProxy waits 1 s. The settings are those
# of net.ipv4.neigh.*, but as sysctls of a container each engine wants them in another form, and refuses the others'. A netlink
# message (rtnetlink(7), RTM_SETNEIGHTBL, as sent by `ip ntable change`) works with each of them and needs CAP_NET_ADMIN.
# In Perl, for that is in every image here that has a shell; no image has `ip`.
use strict;
use warnings;
use Socket;

my %milliseconds = (
    4 => 1000,    # NDTPA_BASE_REACHABLE_TIME: an address that was silent for about this long is asked again before it is trusted
    7 => 0,       # NDTPA_DELAY_PROBE_TIME: ask at once
    5 => 100,     # NDTPA_RETRANS_TIME: three questions, this far apart
    15 => 0,      # NDTPA_LOCKTIME: an address that moves (infra/edge) is taken from its new holder at once, however fresh the old one is
);
my ($AF_NETLINK, $NLMSG_ERROR, $RTM_SETNEIGHTBL, $REQUEST_AND_ACK) = (16, 2, 67, 5);
my ($NDTA_NAME, $NDTA_PARMS, $NDTPA_IFINDEX) = (1, 6, 1);

sub attribute {
    my ($type, $value) = @_;
    my $header = pack 'S S', 4 + length $value, $type;
    return $header . $value . "\0" x (-length($value) % 4);
}

# Answers 0, or the errno with which the kernel refuses.
sub change {
    my ($interface) = @_;
    my $values = join '', map { attribute($_, pack 'Q', $milliseconds{$_}) } sort keys %milliseconds;
    my $body = pack('C x3', AF_INET) . attribute($NDTA_NAME, "arp_cache\0")
        . attribute($NDTA_PARMS, attribute($NDTPA_IFINDEX, pack 'L', $interface) . $values);
    socket(my $kernel, $AF_NETLINK, SOCK_RAW, 0) or die "netlink: $!\n";
    send($kernel, pack('L S S L L', 16 + length $body, $RTM_SETNEIGHTBL, $REQUEST_AND_ACK, 1, 0) . $body, 0) or die "netlink: $!\n";
    recv($kernel, my $answer, 4096, 0) // die "netlink: $!\n";
    my (undef, $type, undef, undef, undef, $error) = unpack 'L S S L L l', $answer;
    die "netlink: an answer of type $type\n" if $type != $NLMSG_ERROR;
    return -$error;
}

for my $file (glob '/sys/class/net/*/ifindex') {
    next if $file =~ m{/lo/};
    open my $input, '<', $file or next;
    chomp(my $interface = <$input>);
    $! = change($interface);
    die "lab: the neighbour table cannot be changed: $!\n" if $!;
}
