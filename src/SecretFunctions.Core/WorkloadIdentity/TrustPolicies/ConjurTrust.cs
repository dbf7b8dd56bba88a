namespace SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

/// <summary>A JWT authenticator, and a host for each subject.</summary>
internal static class ConjurTrust
{
    public const string Placeholder = "REPLACE-WITH-YOUR-VARIABLE";

    /// <summary>Where whoever has the privilege to authenticate is a member.</summary>
    private const string Group = "hosts";

    public static TrustPolicy Write(TrustInput input)
    {
        var admitted = AdmittedSubjects.Exactly(input);
        var place = Place.Of(input);
        var authenticator = Authenticator(place);
        var hosts = Hosts(place, admitted);
        var (grant, permissions) = (Grant(place), Permissions(place));
        return input.ToPolicy(
            admitted,
            [
                new TrustDocument("setup", TrustFormat.Cli, Commands(input, place, [authenticator, hosts, grant, permissions])),
                new TrustDocument("authenticator policy", TrustFormat.Yaml, authenticator),
                new TrustDocument("hosts policy", TrustFormat.Yaml, hosts),
                new TrustDocument("grant policy", TrustFormat.Yaml, grant),
                new TrustDocument("permissions policy", TrustFormat.Yaml, permissions),
            ],
            []);
    }

    private static string Authenticator(Place place) => $"""
        - !policy
          id: {Quoting.Yaml(place.AuthenticatorId)}
          body:
            - !webservice
            - !variable jwks-uri
            - !variable issuer
            - !variable audience
            - !variable token-app-property
            - !variable identity-path
            - !group apps
            - !permit
              role: !group apps
              privileges: [ read, authenticate ]
              resource: !webservice

        """;

    /// <summary>A host's name is the subject: the authenticator finds it by the claim, and its annotation makes sure.</summary>
    private static string Hosts(Place place, AdmittedSubjects admitted)
    {
        var annotation = Quoting.Yaml($"authn-jwt/{place.Service}/sub");
        var hosts = admitted.Values.Select(Quoting.Yaml).Select(subject => $"""
                - !host
                  id: {subject}
                  annotations:
                    {annotation}: {subject}
                - !grant
                  role: !group {Group}
                  member: !host {subject}

            """);
        return $"""
            - !policy
              id: {Quoting.Yaml(place.HostsId)}
              body:
                - !group {Group}
            {string.Concat(hosts)}
            """;
    }

    private static string Grant(Place place) => $"""
        - !grant
          role: !group {Quoting.Yaml($"/conjur/authn-jwt/{place.Service}/apps")}
          member: !group {Quoting.Yaml($"/data/{place.Service}/{Group}")}

        """;

    private static string Permissions(Place place) => $"""
        - !permit
          role: !group {Quoting.Yaml($"/data/{place.Service}/{Group}")}
          privileges: [ read, execute ]
          resources:
            - !variable /data/{Placeholder}

        """;

    private static string Commands(TrustInput input, Place place, string[] policies)
    {
        (string Name, string Value)[] variables =
        [
            ("jwks-uri", $"{input.Issuer}/.well-known/jwks.json"),
            ("issuer", input.Issuer),
            ("audience", input.Audience),
            ("token-app-property", "sub"),
            ("identity-path", $"data/{place.Service}"),
        ];
        var values = variables.Select(variable =>
            $"conjur variable set --id={Quoting.Shell($"conjur/authn-jwt/{place.Service}/{variable.Name}")} --value={Quoting.Shell(variable.Value)}\n");
        return $"""
            #!/bin/sh
            # Logged in as an admin at the configuration's address and account (conjur init, conjur login). It may be run again.
            set -eu

            # The authenticator. Conjur fetches the keys from jwks-uri.
            {Quoting.HereDocument("cat > authenticator.yml", "YAML", policies[0])}
            conjur policy load -b {place.AuthenticatorBranch} -f authenticator.yml
            {string.Concat(values)}conjur authenticator enable --id {Quoting.Shell($"authn-jwt/{place.Service}")}

            # Whom it lets in: a host for each subject.
            {Quoting.HereDocument("cat > hosts.yml", "YAML", policies[1])}
            conjur policy load -b {place.HostsBranch} -f hosts.yml
            {Quoting.HereDocument("cat > grant.yml", "YAML", policies[2])}
            conjur policy load -b {place.GrantBranch} -f grant.yml

            # What they may read: put your own variable, which must be there already, in the place of {Placeholder}.
            {Quoting.HereDocument("cat > permissions.yml", "YAML", policies[3])}
            conjur policy load -b {place.PermissionsBranch} -f permissions.yml

            """;
    }

    /// <summary>Where policies are loaded. On the SaaS nobody loads into the root, but its branches are there.</summary>
    private sealed record Place(string Service, string AuthenticatorBranch, string AuthenticatorId, string HostsBranch, string HostsId, string GrantBranch, string PermissionsBranch)
    {
        public static Place Of(TrustInput input)
        {
            var service = input.Field("serviceId");
            return new Uri(input.Field("address")).IdnHost.EndsWith(".cyberark.cloud", StringComparison.OrdinalIgnoreCase)
                ? new Place(service, "conjur/authn-jwt", service, "data", service, $"conjur/authn-jwt/{service}", "data")
                : new Place(service, "root", $"conjur/authn-jwt/{service}", "root", $"data/{service}", "root", "root");
        }
    }
}
