# The Kestrel server. Build: docker build -t secretfunctions .
#
# Run: docker run -p 127.0.0.1:8080:8080 -v secretfunctions-data:/data secretfunctions
# The first start prints the operator's API key to the log; set SecretFunctions__BootstrapKey to choose it instead.
#
# Health: the image has no shell tools to ask with, so let the platform ask over HTTP:
#   GET /health/live on 8080: restart where it does not answer 200
#   GET /health/ready on 8080: send requests where it answers 200

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
RUN apt-get update && apt-get install -y --no-install-recommends clang
WORKDIR /source
# Locked restore and reproducible paths, as in CI.
ENV CI=true
COPY . .
RUN dotnet publish src/SecretFunctions.Server -c Release -o /app

# No .NET: the program is native code, and needs what it links (OpenSSL among it) and certificates.
FROM mcr.microsoft.com/dotnet/runtime-deps:10.0
COPY --from=build /app /app
# Owned by the image's unprivileged user, so that a volume mounted here is too.
RUN mkdir -m 0700 /data && chown "$APP_UID:$APP_UID" /data
USER $APP_UID
WORKDIR /app
ENV ASPNETCORE_HTTP_PORTS=8080 \
    SecretFunctions__Data=/data
EXPOSE 8080
VOLUME /data
ENTRYPOINT ["/app/SecretFunctions.Server"]
