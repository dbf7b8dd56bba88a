namespace SecretFunctions.Core.Telemetry;

/// <summary>
/// Names of spans, metrics and attributes: what dashboards and alerts are written against (docs/telemetry.md lists them all, and a test holds
/// the two together). Every attribute of a metric has few values. None, of a span either, is a value, the name of a secret, or text a caller chose.
/// </summary>
public static class SignalNames
{
    /// <summary>Of the activity source and of the meter.</summary>
    public const string Source = "SecretFunctions";

    public static class Spans
    {
        public const string Resolve = "resolve";

        public const string ProviderCall = "provider call";
        public const string TokenMint = "token mint";
        public const string TokenExchange = "token exchange";

        /// <summary>An event: the circuit breaker let a call through to nobody.</summary>
        public const string BreakerRejected = "breaker rejected";
    }

    public static class Metrics
    {
        public const string ResolveDuration = "secretfunctions.resolve.duration";
        public const string CacheReads = "secretfunctions.cache.reads";
        public const string ProviderCallDuration = "secretfunctions.provider.call.duration";
        public const string BreakersOpened = "secretfunctions.provider.breaker.opened";
        public const string BreakersOpen = "secretfunctions.provider.breaker.open";
        public const string TokenMintDuration = "secretfunctions.token.mint.duration";
        public const string TokenExchangeDuration = "secretfunctions.token.exchange.duration";
        public const string AuditWriteDuration = "secretfunctions.audit.write.duration";
        public const string AuditBreaks = "secretfunctions.audit.breaks";
        public const string AuthenticationFailures = "secretfunctions.authentication.failures";
        public const string RequestsThrottled = "secretfunctions.requests.throttled";
        public const string MaintenanceLag = "secretfunctions.maintenance.lag";
        public const string SigningKeyAge = "secretfunctions.signing_key.age";
        public const string SigningKeyRotationDue = "secretfunctions.signing_key.rotation_due";
        public const string CredentialsExpiring = "secretfunctions.credential.expiring";
        public const string Ready = "secretfunctions.health.ready";
    }

    public static class Attributes
    {
        /// <summary><see cref="Outcomes"/>, or the failure's stable code.</summary>
        public const string Outcome = "secretfunctions.outcome";

        /// <summary>A provider's wire name.</summary>
        public const string Provider = "secretfunctions.provider";

        /// <summary>Where a token is exchanged.</summary>
        public const string Cloud = "secretfunctions.cloud";

        /// <summary><c>read</c>, <c>read_batch</c>, <c>version</c>, <c>list</c>.</summary>
        public const string Operation = "secretfunctions.operation";

        /// <summary><c>hit</c>, <c>miss</c>, <c>stale</c>.</summary>
        public const string CacheResult = "secretfunctions.cache.result";

        /// <summary>How near the end is: <c>expired</c>, <c>1-day</c>, <c>7-days</c>, <c>30-days</c>.</summary>
        public const string Threshold = "secretfunctions.threshold";

        /// <summary>Of the service: <c>store</c>, <c>root-key</c>, <c>signing-keys</c>, <c>audit</c>.</summary>
        public const string Part = "secretfunctions.part";

        /// <summary>Of spans alone: an organization may have any number of these.</summary>
        public const string Credential = "secretfunctions.credential";
        public const string Organization = "secretfunctions.organization";
        public const string Automation = "secretfunctions.automation";
        public const string Environment = "secretfunctions.environment";
        public const string Variables = "secretfunctions.variables";
        public const string Secrets = "secretfunctions.secrets";

        /// <summary>OpenTelemetry's own, of what failed.</summary>
        public const string ErrorType = "error.type";
    }

    public static class Outcomes
    {
        public const string Success = "success";
        public const string Partial = "partial";

        /// <summary>Whoever asked gave up.</summary>
        public const string Cancelled = "cancelled";

        /// <summary>A bug: the log has it.</summary>
        public const string Internal = "internal";
        public const string StoreUnavailable = "store.unavailable";
        public const string RootKeyUnavailable = "root_key.unavailable";
    }
}
