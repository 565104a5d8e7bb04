"use strict";

window.addEventListener("DOMContentLoaded", () => {
  window.SwaggerUIBundle({
    url: "/api/openapi.json",
    dom_id: "#document",
    deepLinking: false,
    supportedSubmitMethods: [],
    validatorUrl: null,
    defaultModelRendering: "model",
    defaultModelsExpandDepth: 0,
    syntaxHighlight: { activated: false },
  });
});
