#!/usr/bin/perl
# Answers Dovecot's question whether a bearer token is good (RFC 7662).   tokens.pl PORT FILE COMMAND...
# FILE holds lines "TOKEN USER" and is read anew for each question. GET / knows the tokens of one user, GET /any those of
# user *, which open every mailbox as an application's token does at Microsoft 365. USER ! stands for trouble at the
# authority itself: status 401, which Dovecot does not lay to the client's charge. COMMAND takes this process over.
use strict;
use warnings;
use IO::Socket::INET;

my ($port, $file, @command) = @ARGV;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 50, ReuseAddr => 1)
  or die "port $port: $@";
if (defined(my $child = fork)) {
    if ($child) {
        close $listener;
        exec @command or die "$command[0]: $!";
    }
}
$SIG{CHLD} = 'IGNORE';

sub user_of {
    my ($token) = @_;
    open my $tokens, '<', $file or return undef;
    while (my $line = <$tokens>) {
        my ($known, $user) = split ' ', $line;
        return $user if defined $user && $known eq $token;
    }
    return undef;
}

sub answer {
    my ($client) = @_;
    my $path = (split ' ', <$client> // return)[1];
    my $token = '';
    while (my $line = <$client>) {
        last if $line =~ /^\r?\n$/;
        $token = $1 if $line =~ /^Authorization: Bearer (\S+)/i;
    }
    my $user = user_of($token);
    my $trouble = defined $user && $user eq '!';
    my $wanted = defined $user && (($path =~ m{^/any}) ? $user eq '*' : $user ne '*');
    my $body = $trouble ? '{"error":"invalid_client"}'
      : sprintf '{"active":%s,"user":"%s","scope":"mail"}', $wanted ? 'true' : 'false', $wanted ? $user : 'nobody';
    printf $client "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
      $trouble ? '401 Unauthorized' : '200 OK', length $body, $body;
}

while (1) {
    my $client = $listener->accept or next;
    if ((fork // 0) == 0) {
        answer($client);
        exit 0;
    }
    close $client;
}
