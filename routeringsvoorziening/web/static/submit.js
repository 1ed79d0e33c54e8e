"use strict";
// The one form of a page that takes the person on to the next party. Without script its button does the same.
document.getElementById("onward").submit();
