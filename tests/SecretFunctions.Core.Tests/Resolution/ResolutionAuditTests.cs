using System.Text;
using SecretFunctions.Core.Resolution;

namespace SecretFunctions.Core.Tests.Resolution;

public sealed class ResolutionAuditTests
{
    [Theory]
    [InlineData("organization", """[{"key":"recorded","scope":"organization","from":"provider","credential":"store","secret":"kv/a","version":"1","outcome":"success"}]""")]
    [InlineData("personal", """[{"key":"recorded","scope":"personal","from":"provider","version":"1","outcome":"success"}]""")]
    public void Where_a_value_came_from_is_said_but_not_of_what_is_personal(string scope, string expected)
    {
        var source = new ResolvedSource("KEY", scope, ResolvedSource.Provider, "store", "kv/a", "1", "", default, Stale: false);

        Encoding.UTF8.GetString(ResolutionAudit.Describe([new ResolvedVariable(new PlanEntry("KEY", scope) { RecordedAs = "recorded" }, source, null)]).Span).ShouldBe(expected);
    }
}
