export default { serverExternalPackages: ["longrunning", "@connectrpc/connect"] };
