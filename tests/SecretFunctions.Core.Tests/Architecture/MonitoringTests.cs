using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SecretFunctions.Core.Telemetry;

namespace SecretFunctions.Core.Tests.Architecture;

/// <summary>Dashboards, alerts, their runbook and the documentation speak of what the code tells, by the same names.</summary>
public sealed partial class MonitoringTests
{
    private const string Alerts = "infra/monitoring/alerts.bicep";
    private const string Workbook = "infra/monitoring/workbook.json";
    private const string Documentation = "docs/telemetry.md";

    private static string[] Metrics { get; } = Constants(typeof(SignalNames.Metrics));

    private static string[] Names { get; } = [.. Metrics, .. Constants(typeof(SignalNames.Attributes))];

    [Fact]
    public void Every_alert_has_an_entry_in_the_runbook_and_every_entry_an_alert()
    {
        var alerts = AlertName().Matches(SourceCode.Text(Alerts)).Select(static match => match.Groups[1].Value).ToArray();
        var runbook = SourceCode.Text("docs/operations.md").Split("\n## Alerts\n")[1].Split("\n## ")[0];

        alerts.Length.ShouldBe(10);
        Heading().Matches(runbook).Select(static match => match.Groups[1].Value).ShouldBe(alerts, ignoreOrder: true);
        foreach (var entry in runbook.Split("\n### ")[1..])
        {
            foreach (var part in new[] { "**Meaning.**", "**Likely causes.**", "**What to do.**" })
            {
                entry.ShouldContain(part);
            }
        }
    }

    [Theory]
    [InlineData(Alerts)]
    [InlineData(Workbook)]
    [InlineData(Documentation)]
    public void What_is_named_is_told(string file) =>
        Name().Matches(SourceCode.Text(file)).Select(static match => match.Value).Distinct().ShouldBeSubsetOf(Names);

    [Fact]
    public void Every_metric_is_on_the_dashboard_and_documented()
    {
        Metrics.Where(metric => !SourceCode.Text(Workbook).Contains($"'{metric}'", StringComparison.Ordinal)).ShouldBeEmpty();
        Names.Where(name => !SourceCode.Text(Documentation).Contains($"`{name}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void The_dashboard_is_one()
    {
        var workbook = JsonNode.Parse(SourceCode.Text(Workbook))!;

        ((string)workbook["version"]!).ShouldBe("Notebook/1.0");
        var items = workbook["items"]!.AsArray();
        items.Select(static item => (string)item!["name"]!).ShouldBeUnique();
        items.Where(static item => (int)item!["type"]! == 3).ShouldAllBe(static item => ((string)item!["content"]!["query"]!).Contains("'{Role}'", StringComparison.Ordinal));
    }

    private static string[] Constants([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] Type type) =>
        [.. type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => (string)field.GetRawConstantValue()!)];

    [GeneratedRegex(@"^    name: '([a-z0-9-]+)'", RegexOptions.Multiline)]
    private static partial Regex AlertName();

    [GeneratedRegex(@"^### (\S+)", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"secretfunctions\.[a-z_]+(?:\.[a-z_]+)*")]
    private static partial Regex Name();
}
