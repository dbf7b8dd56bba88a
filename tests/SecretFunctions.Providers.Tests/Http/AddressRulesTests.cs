using System.Net;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Tests.Http;

public sealed class AddressRulesTests
{
    [Theory]
    [InlineData("8.8.8.8", AddressReach.Public)]
    [InlineData("52.94.5.1", AddressReach.Public)]
    [InlineData("100.63.255.255", AddressReach.Public)]
    [InlineData("172.15.255.255", AddressReach.Public)]
    [InlineData("172.32.0.0", AddressReach.Public)]
    [InlineData("223.255.255.255", AddressReach.Public)]
    [InlineData("2600:1f18::1", AddressReach.Public)]
    [InlineData("2a00:1450:4001::1", AddressReach.Public)]
    [InlineData("10.0.0.1", AddressReach.Private)]
    [InlineData("172.16.0.1", AddressReach.Private)]
    [InlineData("172.31.255.255", AddressReach.Private)]
    [InlineData("192.168.1.1", AddressReach.Private)]
    [InlineData("100.64.0.1", AddressReach.Private)]
    [InlineData("100.127.255.255", AddressReach.Private)]
    [InlineData("fc00::1", AddressReach.Private)]
    [InlineData("fd12:3456::1", AddressReach.Private)]
    [InlineData("127.0.0.1", AddressReach.Loopback)]
    [InlineData("127.255.255.254", AddressReach.Loopback)]
    [InlineData("::1", AddressReach.Loopback)]
    [InlineData("0.0.0.0", AddressReach.Special)]
    [InlineData("0.1.2.3", AddressReach.Special)]
    [InlineData("169.254.169.254", AddressReach.Special)] // instance metadata
    [InlineData("169.254.170.2", AddressReach.Special)] // container credentials
    [InlineData("168.63.129.16", AddressReach.Special)] // Azure's host agent
    [InlineData("192.0.0.192", AddressReach.Special)]
    [InlineData("192.0.2.1", AddressReach.Special)]
    [InlineData("192.88.99.1", AddressReach.Special)]
    [InlineData("198.18.0.1", AddressReach.Special)]
    [InlineData("198.51.100.7", AddressReach.Special)]
    [InlineData("203.0.113.9", AddressReach.Special)]
    [InlineData("224.0.0.1", AddressReach.Special)]
    [InlineData("239.255.255.255", AddressReach.Special)]
    [InlineData("240.0.0.1", AddressReach.Special)]
    [InlineData("255.255.255.255", AddressReach.Special)]
    [InlineData("::", AddressReach.Special)]
    [InlineData("::ffff:127.0.0.1", AddressReach.Special)] // IPv4-mapped
    [InlineData("::ffff:8.8.8.8", AddressReach.Special)]
    [InlineData("::127.0.0.1", AddressReach.Special)] // IPv4-compatible
    [InlineData("64:ff9b::7f00:1", AddressReach.Special)] // NAT64
    [InlineData("64:ff9b:1::a00:1", AddressReach.Special)] // NAT64 for local use
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2", AddressReach.Special)] // Teredo
    [InlineData("2001:2::1", AddressReach.Special)]
    [InlineData("2001:db8::1", AddressReach.Special)]
    [InlineData("2002:7f00:1::1", AddressReach.Special)] // 6to4
    [InlineData("3fff::1", AddressReach.Special)]
    [InlineData("fd00:ec2::254", AddressReach.Special)] // instance metadata
    [InlineData("fe80::1", AddressReach.Special)]
    [InlineData("fec0::1", AddressReach.Special)]
    [InlineData("ff02::1", AddressReach.Special)]
    [InlineData("100::1", AddressReach.Special)]
    public void An_address_reaches_as_far_as_the_registries_say(string address, object reach) =>
        AddressRules.ReachOf(IPAddress.Parse(address)).ShouldBe((AddressReach)reach);
}
