export default { serverExternalPackages: ["longrunning"] };
