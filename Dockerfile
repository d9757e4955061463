# The server of this package, for trying it and for the services that come with it. docs/deploying.md has the image of
# a service of your own.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build
# What is left is what users install: dependencies and peers, the optional ones too, in the versions that were tested.
RUN npm pkg delete devDependencies peerDependenciesMeta && npm prune --ignore-scripts --no-audit --no-fund
RUN mkdir data

FROM node:24.21.0-alpine
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
WORKDIR /srv/longrunning
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY deploy/is-healthy.js ./
COPY --from=build --chown=node:node /build/data /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "is-healthy.js"]
ENTRYPOINT ["node", "--max-semi-space-size=16", "dist/longrunning-server.js"]
CMD ["--store", "sqlite:/data/operations.db"]
