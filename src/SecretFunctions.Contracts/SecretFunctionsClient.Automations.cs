namespace SecretFunctions.Contracts;

/// <content>Organizations, projects, environments, automations, and what is assigned to them.</content>
public sealed partial class SecretFunctionsClient
{
    /// <summary>The operator's.</summary>
    public Task<OrganizationResource> GetOrganizationAsync(string organization, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"v1/organizations/{Escape(organization)}", Json.OrganizationResource, cancellationToken);

    public Task<OrganizationResource> PutOrganizationAsync(string organization, OrganizationRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, $"v1/organizations/{Escape(organization)}", request, Json.OrganizationRequest, Json.OrganizationResource, cancellationToken);

    /// <summary>With its keys, so that nothing of it can be read again.</summary>
    /// <param name="release">Lets the name be taken again; without it stays reserved.</param>
    public Task DeleteOrganizationAsync(string organization, bool release, CancellationToken cancellationToken) =>
        DeleteAsync(Query($"v1/organizations/{Escape(organization)}", ("release", release ? "true" : null)), cancellationToken);

    public IAsyncEnumerable<ProjectResource> ListProjectsAsync(CancellationToken cancellationToken) =>
        ListAsync("v1/projects", Json.PageProjectResource, cancellationToken);

    public Task<ProjectResource> GetProjectAsync(string project, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"v1/projects/{Escape(project)}", Json.ProjectResource, cancellationToken);

    public Task<ProjectResource> PutProjectAsync(string project, DescriptionRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, $"v1/projects/{Escape(project)}", request, Json.DescriptionRequest, Json.ProjectResource, cancellationToken);

    /// <summary>Changes what the request names and keeps the rest.</summary>
    public Task<ProjectResource> PatchProjectAsync(string project, DescriptionRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, $"v1/projects/{Escape(project)}", request, Json.DescriptionRequest, Json.ProjectResource, cancellationToken);

    /// <param name="release">Lets the name be taken again; without it stays reserved.</param>
    public Task DeleteProjectAsync(string project, bool release, CancellationToken cancellationToken) =>
        DeleteAsync(Query($"v1/projects/{Escape(project)}", ("release", release ? "true" : null)), cancellationToken);

    public IAsyncEnumerable<EnvironmentResource> ListEnvironmentsAsync(CancellationToken cancellationToken) =>
        ListAsync("v1/environments", Json.PageEnvironmentResource, cancellationToken);

    public Task<EnvironmentResource> GetEnvironmentAsync(string environment, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"v1/environments/{Escape(environment)}", Json.EnvironmentResource, cancellationToken);

    public Task<EnvironmentResource> PutEnvironmentAsync(string environment, DescriptionRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, $"v1/environments/{Escape(environment)}", request, Json.DescriptionRequest, Json.EnvironmentResource, cancellationToken);

    public Task DeleteEnvironmentAsync(string environment, CancellationToken cancellationToken) =>
        DeleteAsync($"v1/environments/{Escape(environment)}", cancellationToken);

    /// <param name="project">Only its automations; null for all.</param>
    public IAsyncEnumerable<AutomationResource> ListAutomationsAsync(string? project, CancellationToken cancellationToken) =>
        ListAsync(Query("v1/automations", ("project", project)), Json.PageAutomationResource, cancellationToken);

    public Task<AutomationResource> GetAutomationAsync(string automation, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"v1/automations/{Escape(automation)}", Json.AutomationResource, cancellationToken);

    public Task<AutomationResource> PutAutomationAsync(string automation, AutomationRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, $"v1/automations/{Escape(automation)}", request, Json.AutomationRequest, Json.AutomationResource, cancellationToken);

    /// <param name="release">Lets the name be taken again; without it stays reserved.</param>
    public Task DeleteAutomationAsync(string automation, bool release, CancellationToken cancellationToken) =>
        DeleteAsync(Query($"v1/automations/{Escape(automation)}", ("release", release ? "true" : null)), cancellationToken);

    public Task<Tagged<AssignmentsResource>> GetAssignmentsAsync(string automation, string? environment, CancellationToken cancellationToken) =>
        SendTaggedAsync(new HttpRequestMessage(HttpMethod.Get, AssignmentsPath(automation, environment)), Json.AssignmentsResource, cancellationToken);

    /// <summary>Replaces the whole list, where it still is what <paramref name="replaced"/> says.</summary>
    /// <param name="replaced">From <see cref="GetAssignmentsAsync"/>; null replaces whatever is there.</param>
    public async Task<AssignmentsResource> PutAssignmentsAsync(
        string automation, string? environment, AssignmentsRequest request, Tagged<AssignmentsResource>? replaced, CancellationToken cancellationToken)
    {
        var message = new HttpRequestMessage(HttpMethod.Put, AssignmentsPath(automation, environment)) { Content = Body(request, Json.AssignmentsRequest) };
        if (replaced is { } expected)
        {
            message.Headers.TryAddWithoutValidation(expected.ETag is null ? "If-None-Match" : "If-Match", expected.ETag ?? "*");
        }

        return await SendAsync(message, Json.AssignmentsResource, cancellationToken);
    }

    public IAsyncEnumerable<SnapshotResource> ListSnapshotsAsync(string automation, CancellationToken cancellationToken) =>
        ListAsync($"v1/automations/{Escape(automation)}/snapshots", Json.PageSnapshotResource, cancellationToken);

    /// <summary>Pins what the automation resolves now.</summary>
    public Task<SnapshotResource> CreateSnapshotAsync(string automation, SnapshotRequest request, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"v1/automations/{Escape(automation)}/snapshots", request, Json.SnapshotRequest, Json.SnapshotResource, cancellationToken);

    public Task<SnapshotResource> GetSnapshotAsync(string automation, string id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"v1/automations/{Escape(automation)}/snapshots/{Escape(id)}", Json.SnapshotResource, cancellationToken);

    public Task DeleteSnapshotAsync(string automation, string id, CancellationToken cancellationToken) =>
        DeleteAsync($"v1/automations/{Escape(automation)}/snapshots/{Escape(id)}", cancellationToken);

    private static string AssignmentsPath(string automation, string? environment) =>
        Query($"v1/automations/{Escape(automation)}/assignments", ("environment", environment));
}
