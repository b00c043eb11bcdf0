// The API's reference: Swagger UI over this server's own description, nothing from elsewhere.

window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  syntaxHighlight: { theme: "idea" },
});
